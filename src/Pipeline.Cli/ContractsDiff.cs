using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using Pipeline.Contracts;
using Pipeline.Contracts.Surfaces;

namespace Pipeline.Cli;

/// <summary><c>pipeline contracts diff</c> and <c>approve</c>: the contracts that this tool was built with compared with the approved ones.</summary>
internal static class ContractsDiff
{
    private const int MaxFileBytes = 4 * 1024 * 1024;

    private static readonly TimeSpan GitPatience = TimeSpan.FromSeconds(30);

    public static Command Create(CommandContext context)
    {
        var against = new Option<string?>("--base")
        {
            Description = $"What to compare with: a file, or a git ref such as origin/main, whose {ContractFiles.Approved} is taken. Default: that file of this clone.",
            HelpName = "FILE|REF",
        };
        var root = Root();
        var command = new Command("diff", "Compare the current contracts with the approved ones. Exit code 1 for a breaking change.") { against, root };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var clone = parsed.GetRequiredValue(root);
            var current = ReadFile(ApprovedIn(clone));
            var approved = parsed.GetValue(against) is { } given ? await ReadBaseAsync(given, clone, cancellationToken) : current;
            var changes = Changes(approved, Surface.Of(ContractCatalog.All) with { Migrations = current.Migrations });
            context.Terminal.Lines(changes.Count == 0 ? "No contract has changed." : Explain(changes));
            return changes.Any(c => c.Effect == ChangeEffect.Breaking) ? ExitCode.Failed : ExitCode.Ok;
        });
        return command;
    }

    public static Command Approve(CommandContext context)
    {
        var reason = new Option<string?>("--migration")
        {
            Description = "Approve breaking changes too, because all affected readers were migrated before. The reason is stored in the file.",
            HelpName = "REASON",
        };
        var root = Root();
        var command = new Command("approve", $"Write {ContractFiles.Schemas} and {ContractFiles.Approved} again. Refuses breaking changes.") { reason, root };
        command.SetAction(parsed =>
        {
            var clone = parsed.GetRequiredValue(root);
            var file = ApprovedIn(clone);
            var approved = File.Exists(file) ? ReadFile(file) : new Surface([], []);
            var changes = Changes(approved, Surface.Of(ContractCatalog.All));
            var breaking = changes.Where(c => c.Effect == ChangeEffect.Breaking).ToList();
            if (breaking.Count > 0 && string.IsNullOrWhiteSpace(parsed.GetValue(reason)))
            {
                context.Terminal.Lines(Explain(changes));
                throw new CliFailure("Nothing was approved because of the breaking changes.");
            }

            var migrations = breaking.Select(c => new Migration(c.Type, c.Path, parsed.GetValue(reason)!.Trim())).Distinct();
            WriteSchemas(Path.Combine(clone, ContractFiles.Schemas));
            File.WriteAllText(file, SurfaceText.Write(Surface.Of(ContractCatalog.All) with { Migrations = [.. approved.Migrations.Union(migrations)] }));
            foreach (var change in changes)
                context.Terminal.Line($"{change.Type} {change.Path}: {change.What}");
            context.Terminal.Line($"{ContractFiles.Approved} and {ContractFiles.Schemas} are up to date; build again, and commit them with the change.");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Option<string> Root() => new("--root")
    {
        Description = "The clone whose files are meant.",
        HelpName = "FOLDER",
        Hidden = true,
        DefaultValueFactory = _ => Wording.BuiltFrom("RepositoryRoot"),
    };

    /// <summary>Explains the changes, with the name that this tool was called by.</summary>
    private static string Explain(IReadOnlyList<SurfaceChange> changes) =>
        SurfaceComparison.Explain(changes).Replace(ContractFiles.ApproveCommand, $"{Wording.Tool} contracts approve", StringComparison.Ordinal);

    private static IReadOnlyList<SurfaceChange> Changes(Surface approved, Surface present) => SurfaceComparison.Compare(approved, present, ContractCatalog.Topology.ReadersOf);

    private static string ApprovedIn(string clone) =>
        Directory.Exists(Path.Combine(clone, "contracts"))
            ? Path.Combine(clone, ContractFiles.Approved)
            : throw new CliFailure($"'{clone}' is not a clone of this repository: it has no folder 'contracts'. Run this tool from the clone that it was built from.");

    private static Surface ReadFile(string path) =>
        File.Exists(path) ? ReadText(Text(path), path) : throw new CliFailure($"There is no file '{path}'. '{Wording.Tool} contracts approve' writes it.");

    private static string Text(string path)
    {
        using var stream = InputFile.Open(path);
        var buffer = new byte[MaxFileBytes + 1];
        var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        return length <= MaxFileBytes ? new StreamReader(new MemoryStream(buffer, 0, length)).ReadToEnd() : throw InputFile.TooLarge(path, MaxFileBytes);
    }

    private static Surface ReadText(string text, string from)
    {
        try
        {
            return SurfaceText.Read(text);
        }
        catch (FormatException unreadable)
        {
            throw new CliFailure($"'{from}': {unreadable.Message}", unreadable);
        }
    }

    private static async Task<Surface> ReadBaseAsync(string given, string clone, CancellationToken cancellationToken)
    {
        if (File.Exists(given))
            return ReadFile(given);
        if (given.StartsWith('-'))
            throw new CliFailure($"'{given}' is neither a file nor a git ref.");
        var shown = given.Contains(':', StringComparison.Ordinal) ? given : $"{given}:{ContractFiles.Approved}";
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", ["-C", clone, "show", shown]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(GitPatience);
            var complaint = git.StandardError.ReadToEndAsync(timeout.Token);
            var text = await git.StandardOutput.ReadToEndAsync(timeout.Token);
            await git.WaitForExitAsync(timeout.Token);
            return git.ExitCode == 0
                ? ReadText(text, shown)
                : throw new CliFailure($"'{given}' is not a file, and git does not know '{shown}': {(await complaint).Trim()}");
        }
        catch (Win32Exception missing)
        {
            throw new CliFailure($"'{given}' is not a file, and git cannot be run: {missing.Message}.", missing);
        }
    }

    private static void WriteSchemas(string folder)
    {
        Directory.CreateDirectory(folder);
        var documentation = RecordDocumentation.Of(typeof(ContractCatalog).Assembly);
        foreach (var contract in ContractCatalog.All)
            File.WriteAllText(Path.Combine(folder, contract.Type + ".json"), SchemaExport.Of(contract, documentation));
        foreach (var old in Directory.EnumerateFiles(folder, "*.json").Where(f => ContractCatalog.Find(Path.GetFileNameWithoutExtension(f)) is null).ToList())
            File.Delete(old);
    }
}
