using System.CommandLine;
using System.Text;
using System.Text.Json;
using Pipeline.Contracts;

namespace Pipeline.Cli;

/// <summary><c>pipeline contracts validate</c>: checks documents as the pipeline would, at both ends.</summary>
internal static class ContractsValidate
{
    private const int LargestDocumentBytes = 64 * 1024 * 1024;

    public static Command Create(CommandContext context)
    {
        var file = new Argument<string>("FILE") { Description = "A CloudEvent, a batch of them or an event's data, as JSON; or one of these a line (JSON Lines)." };
        var type = new Option<string?>("--type") { Description = "The contract of data that comes without its event. Default: what the file is named after.", HelpName = "TYPE" };
        var command = new Command("validate", "Check events or their data. Exit code 1 if one breaks its contract, with the paths.") { file, type };
        command.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(file);
            var run = new Validation(context.Terminal, path, parsed.GetValue(type) is { } given ? ContractsCommand.Find(given) : NamedAfter(path));
            run.Read();
            context.Terminal.Line($"{path}: {Wording.Number(run.Valid)} valid, {Wording.Number(run.Invalid)} not.");
            return run.Invalid == 0 && run.Valid > 0 ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    private static Contract? NamedAfter(string path) =>
        ContractCatalog.All.FirstOrDefault(c => Path.GetFileName(path).StartsWith(c.Type + ".", StringComparison.Ordinal));

    private sealed class Validation(Terminal terminal, string path, Contract? contract)
    {
        public int Valid { get; private set; }

        public int Invalid { get; private set; }

        public void Read()
        {
            if (!File.Exists(path))
                throw new CliFailure($"There is no file '{path}'.");
            if (Path.GetExtension(path) is ".jsonl" or ".ndjson" || new FileInfo(path).Length > LargestDocumentBytes || !TryReadWhole())
                ReadLines();
        }

        /// <summary>Whether the file is one document, rather than one a line.</summary>
        private bool TryReadWhole()
        {
            JsonDocument document;
            try
            {
                document = JsonDocument.Parse(File.ReadAllBytes(path));
            }
            catch (JsonException) when (IsJson(File.ReadLines(path).FirstOrDefault(l => l.Trim().Length > 0)))
            {
                return false; // More follows the first document: lines.
            }
            catch (JsonException malformed)
            {
                throw new CliFailure($"'{path}' is not JSON: {malformed.Message}", malformed);
            }

            using (document)
                Check(document.RootElement, "");
            return true;
        }

        private static bool IsJson(string? line)
        {
            try
            {
                JsonDocument.Parse(line ?? "").Dispose();
                return true;
            }
            catch (JsonException)
            {
                return false;
            }
        }

        private void ReadLines()
        {
            var number = 0;
            foreach (var line in File.ReadLines(path))
            {
                number++;
                if (string.IsNullOrWhiteSpace(line))
                    continue;
                try
                {
                    using var document = JsonDocument.Parse(line);
                    Check(document.RootElement, $":{Wording.Plain(number)}");
                }
                catch (JsonException malformed)
                {
                    Tell($":{Wording.Plain(number)}", $"is not JSON: {malformed.Message}");
                }
            }
        }

        private void Check(JsonElement document, string where)
        {
            if (document.ValueKind == JsonValueKind.Array)
            {
                var i = 0;
                foreach (var item in document.EnumerateArray())
                    Check(item, $"{where}[{Wording.Plain(i++)}]");
            }
            else if (document.ValueKind == JsonValueKind.Object && document.TryGetProperty("specversion", out _))
            {
                CheckEvent(document, where);
            }
            else if (contract is null)
            {
                throw new CliFailure($"'{path}{where}' is no CloudEvent (it has no 'specversion'), and nothing says which contract it is of. Name it with --type.");
            }
            else
            {
                CheckData(document, contract, where);
            }
        }

        private void CheckEvent(JsonElement cloudEvent, string where)
        {
            foreach (var name in new[] { "id", "source", "type" })
            {
                if (!cloudEvent.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.String || value.GetString()!.Length == 0)
                {
                    Tell(where, $"{name}: is missing, empty or no text (CloudEvents 1.0)");
                    return;
                }
            }

            var type = cloudEvent.GetProperty("type").GetString()!;
            if (ContractCatalog.Find(type) is not { } found)
                Tell(where, $"type: there is no contract '{type}'");
            else if (contract is not null && found != contract)
                Tell(where, $"type: is '{type}', not '{contract.Type}'");
            else if (cloudEvent.TryGetProperty("data", out var data))
                CheckData(data, found, where);
            else
                Tell(where, cloudEvent.TryGetProperty("dataref", out _) ? "data: is elsewhere ('dataref'); fetch it, and check it with --type" : "data: is missing");
        }

        private void CheckData(JsonElement data, Contract of, string where)
        {
            if (of.TryRead(Encoding.UTF8.GetBytes(data.GetRawText()), out _) is { } wrong)
                Tell(where, $"{wrong} ({of.Type})");
            else
                Valid++;
        }

        private void Tell(string where, string wrong)
        {
            Invalid++;
            terminal.Line($"{path}{where} {wrong}");
        }
    }
}
