using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;
using Pipeline.Cli.Applications;
using Pipeline.CloudEvents;
using Pipeline.Contracts;

namespace Pipeline.Cli;

/// <summary><c>pipeline contracts validate</c>: checks documents as the pipeline does at both ends.</summary>
internal static class ContractsValidate
{
    /// <summary>The longest message id of Service Bus. Longer foreign ids are replaced by digests.</summary>
    private const int MaxOwnIdLength = 128;

    public static Command Create(CommandContext context, ContractsLoader load)
    {
        var file = new Argument<string>("FILE") { Description = "A CloudEvent, a batch of them or an event's data, as JSON; or one of these per line (JSON Lines)." };
        var type = new Option<string?>("--type") { Description = "The contract of data without its event. Default: the contract in the name of the file.", HelpName = "TYPE" };
        var command = new Command("validate", "Check events or their data. Exit code 1 if one violates its contract; the paths are printed.") { file, type };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(file);
            var contracts = await load(parsed, cancellationToken);
            var contract = parsed.GetValue(type) is { } given ? ContractsCommand.Find(contracts, given) : NamedAfter(contracts, path);
            var run = new Validation(context.Terminal, contracts, path, contract);
            await new DocumentFile(path, DocumentLimits.Standard).ReadAsync(run.Check, run.Refuse, cancellationToken);
            context.Terminal.Line($"{path}: {Wording.Number(run.Valid)} valid, {Wording.Number(run.Invalid)} not.");
            return run.Invalid == 0 && run.Valid > 0 ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    private static Contract? NamedAfter(AppContracts contracts, string path) =>
        contracts.All.FirstOrDefault(c => Path.GetFileName(path).StartsWith(c.Type + ".", StringComparison.Ordinal));

    private sealed class Validation(Terminal terminal, AppContracts contracts, string path, Contract? contract)
    {
        public int Valid { get; private set; }

        public int Invalid { get; private set; }

        public void Check(JsonElement document, int? line) => Check(document, line is { } number ? $":{Wording.Plain(number)}" : "");

        public void Refuse(int line, string why) => Tell($":{Wording.Plain(line)}", why);

        private void Check(JsonElement document, string where)
        {
            if (document.ValueKind == JsonValueKind.Array)
            {
                var i = 0;
                foreach (var item in document.EnumerateArray())
                    Check(item, $"{where}[{Wording.Plain(i++)}]");
                return;
            }

            var json = JsonMarshal.GetRawUtf8Value(document).ToArray();
            if (IsEvent(json))
                CheckEvent(json, where);
            else if (contract is null)
                throw new CliFailure($"'{path}{where}' is not a CloudEvent (it has no 'specversion'), and its contract is unknown. Give it with --type.");
            else
                CheckData(json, contract, where);
        }

        /// <summary>Whether the document is meant to be an event, decided on any JSON.</summary>
        private static bool IsEvent(byte[] json)
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = json.Length + 1 });
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueSpan.SequenceEqual("specversion"u8))
                    return true;
                reader.Skip();
            }

            return false;
        }

        /// <summary>Reads the event as webhooks and consumers do, and applies the checks of both.</summary>
        private void CheckEvent(byte[] json, string where)
        {
            if (ReceivedEvent.Read(json, out var fault) is not { } cloudEvent)
                Tell(where, fault.Place.Length == 0 ? fault.What : $"{fault.Place}: {fault.What}");
            else if (AttributeError(cloudEvent) is { } wrong)
                Tell(where, wrong);
            else if (contracts.Find(cloudEvent["type"]!) is not { } found)
                Tell(where, $"type: there is no contract '{cloudEvent["type"]}'");
            else if (contract is not null && found != contract)
                Tell(where, $"type: is '{cloudEvent["type"]}', not '{contract.Type}'");
            else if (cloudEvent.Data is { } data)
                CheckData(data.ToArray(), found, where, cloudEvent);
            else
                Tell(where, cloudEvent["dataref"] is not null ? "data: is stored elsewhere ('dataref'); fetch it and check it with --type" : "data: is missing");
        }

        /// <summary>Gets the error of the attributes, or of the data before it is read by its contract, as consumers check them.</summary>
        private static string? AttributeError(ReceivedEvent cloudEvent)
        {
            if (cloudEvent["sequence"] is { } sequence && !long.TryParse(sequence, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                return $"sequence: is '{sequence}', not a whole number";
            if (cloudEvent["partitionkey"] is not null && cloudEvent["id"]!.Length is > MaxOwnIdLength and var length)
                return $"id: has {Wording.Plain(length)} characters; at most {Wording.Plain(MaxOwnIdLength)} are taken of the pipeline's own events";
            if (!cloudEvent.IsOfJsonType)
                return $"datacontenttype: is '{cloudEvent["datacontenttype"]}'; JSON is expected, in UTF-8";
            return cloudEvent.CheckJsonData() is { } fault ? $"data: {fault}" : null;
        }

        private void CheckData(byte[] data, Contract of, string where, ReceivedEvent? cloudEvent = null)
        {
            if (StrictJson.Check(data, ReceivedEvent.MaxDataDepth) is { } fault)
                Tell(where, $"{fault} ({of.Type})");
            else if (of.TryRead(data, out var read) is { } wrong)
                Tell(where, $"{wrong} ({of.Type})");
            else if (cloudEvent is { } known && KeyError(known, of.KeyOf(read!)) is { } wrongKey)
                Tell(where, $"{wrongKey} ({of.Type}: {of.SubjectRule})");
            else
                Valid++;
        }

        /// <summary>Gets the error of the keys. An event with a partition key is the pipeline's own, and its subject follows from its data; foreign events choose their subject.</summary>
        private static string? KeyError(ReceivedEvent cloudEvent, string key)
        {
            if (cloudEvent["partitionkey"] is null)
                return null;
            foreach (var name in new[] { "partitionkey", "subject" })
            {
                if (cloudEvent[name] is { } value && value != key)
                    return $"{name}: is '{value}', not '{key}'";
            }

            return null;
        }

        private void Tell(string where, string wrong)
        {
            Invalid++;
            terminal.Line($"{path}{where} {wrong}");
        }
    }
}
