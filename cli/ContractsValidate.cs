using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Pipeline.Contracts;

namespace Pipeline.Cli;

/// <summary><c>pipeline contracts validate</c>: checks documents as the pipeline would, at both ends.</summary>
internal static class ContractsValidate
{
    private const int LargestDocumentBytes = 64 * 1024 * 1024;

    /// <summary>Throws on what is not UTF-8, where another encoding would read something that is not there.</summary>
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

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
            if (Directory.Exists(path))
                throw new CliFailure($"'{path}' is a folder; name a file.");
            if (!File.Exists(path))
                throw new CliFailure($"There is no file '{path}'.");
            try
            {
                ReadFile();
            }
            catch (DecoderFallbackException notUtf8)
            {
                throw new CliFailure($"'{path}' is not UTF-8, as JSON has to be (RFC 8259, section 8.1): {notUtf8.Message}", notUtf8);
            }
        }

        private void ReadFile()
        {
            if (Path.GetExtension(path) is ".jsonl" or ".ndjson" || new FileInfo(path).Length > LargestDocumentBytes || !TryReadWhole())
                ReadLines();
        }

        /// <summary>Whether the file is one document, rather than one a line.</summary>
        private bool TryReadWhole()
        {
            JsonDocument document;
            try
            {
                document = JsonDocument.Parse(WithoutMark(Strict.GetString(File.ReadAllBytes(path))));
            }
            catch (JsonException) when (IsJson(Lines().FirstOrDefault(l => l.Trim().Length > 0)))
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

        private IEnumerable<string> Lines()
        {
            // Without a look at the byte order mark: UTF-16 is read by nobody here.
            using var reader = new StreamReader(path, Strict, detectEncodingFromByteOrderMarks: false);
            for (var isFirst = true; reader.ReadLine() is { } line; isFirst = false)
                yield return isFirst ? WithoutMark(line) : line;
        }

        private static string WithoutMark(string text) => text.StartsWith('\ufeff') ? text[1..] : text;

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
            foreach (var line in Lines())
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
                CheckData(Encoding.UTF8.GetBytes(document.GetRawText()), contract, where);
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

            if (WhatIsWrongWithAttributes(cloudEvent) is { } wrong)
            {
                Tell(where, wrong);
                return;
            }

            var type = cloudEvent.GetProperty("type").GetString()!;
            if (ContractCatalog.Find(type) is not { } found)
                Tell(where, $"type: there is no contract '{type}'");
            else if (contract is not null && found != contract)
                Tell(where, $"type: is '{type}', not '{contract.Type}'");
            else if (cloudEvent.TryGetProperty("data", out var data))
                CheckData(Encoding.UTF8.GetBytes(data.GetRawText()), found, where, cloudEvent);
            else if (cloudEvent.TryGetProperty("data_base64", out var bytes))
                CheckBase64(bytes, found, where, cloudEvent);
            else
                Tell(where, cloudEvent.TryGetProperty("dataref", out _) ? "data: is elsewhere ('dataref'); fetch it, and check it with --type" : "data: is missing");
        }

        /// <summary>What consumers hold against the event's other attributes.</summary>
        private static string? WhatIsWrongWithAttributes(JsonElement cloudEvent)
        {
            if (cloudEvent.GetProperty("specversion") is var version && !(version.ValueKind == JsonValueKind.String && version.ValueEquals("1.0")))
                return $"specversion: is {version.GetRawText()}, not \"1.0\"";
            if (cloudEvent.TryGetProperty("time", out var time) && !(time.ValueKind == JsonValueKind.String && time.TryGetDateTimeOffset(out _)))
                return $"time: is {time.GetRawText()}, no timestamp such as \"2026-12-31T12:00:00Z\" (RFC 3339)";
            if (cloudEvent.TryGetProperty("sequence", out var sequence)
                && !long.TryParse(sequence.ValueKind == JsonValueKind.String ? sequence.GetString() : sequence.GetRawText(), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            {
                return $"sequence: is {sequence.GetRawText()}, not a whole number";
            }

            return null;
        }

        private void CheckBase64(JsonElement text, Contract of, string where, JsonElement cloudEvent)
        {
            if (text.ValueKind == JsonValueKind.String && text.TryGetBytesFromBase64(out var bytes))
                CheckData(bytes, of, where, cloudEvent);
            else
                Tell(where, "data_base64: is not base64");
        }

        private void CheckData(byte[] data, Contract of, string where, JsonElement? cloudEvent = null)
        {
            if (of.TryRead(data, out var read) is { } wrong)
                Tell(where, $"{wrong} ({of.Type})");
            else if (cloudEvent is { } known && WhatIsWrongWithKey(known, of.KeyOf(read!)) is { } wrongKey)
                Tell(where, $"{wrongKey} ({of.Type}: {of.SubjectRule})");
            else
                Valid++;
        }

        /// <summary>An event with a partition key is the pipeline's own, and its subject follows from its data. What others call their subject is up to them.</summary>
        private static string? WhatIsWrongWithKey(JsonElement cloudEvent, string key)
        {
            if (!cloudEvent.TryGetProperty("partitionkey", out _))
                return null;
            foreach (var name in new[] { "partitionkey", "subject" })
            {
                if (cloudEvent.TryGetProperty(name, out var value) && !(value.ValueKind == JsonValueKind.String && value.ValueEquals(key)))
                    return $"{name}: is {value.GetRawText()}, not \"{key}\"";
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
