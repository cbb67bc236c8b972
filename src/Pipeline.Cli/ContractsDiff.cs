using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using Pipeline.Cli.Applications;
using Pipeline.Contracts;
using Pipeline.Contracts.Surfaces;
using Pipeline.Generation;

namespace Pipeline.Cli;

/// <summary><c>pipeline contracts diff</c> and <c>approve</c>: the contracts of an application compared with the approved ones.</summary>
internal static class ContractsDiff
{
    private const int MaxFileBytes = 4 * 1024 * 1024;

    private static readonly TimeSpan GitPatience = TimeSpan.FromSeconds(30);

    public static Command Create(CommandContext context, ContractsLoader load)
    {
        var against = new Option<string?>("--base")
        {
            Description = $"What to compare with: a file, or a git ref such as origin/main, whose {ContractFiles.Approved} is taken. Default: that file of the application.",
            HelpName = "FILE|REF",
        };
        var root = Root();
        var command = new Command("diff", "Compare the current contracts with the approved ones. Exit code 1 for a breaking change.") { against, root };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = FolderOf(parsed.GetValue(root));
            var contracts = await load(parsed, cancellationToken);
            var current = ReadFile(ApprovedIn(folder));
            var approved = parsed.GetValue(against) is { } given ? await ReadBaseAsync(given, folder, cancellationToken) : current;
            var changes = Changes(contracts, approved, Surface.Of(contracts.All) with { Migrations = current.Migrations });
            context.Terminal.Lines(changes.Count == 0 ? "No contract has changed." : SurfaceComparison.Explain(changes, Wording.Tool));
            return changes.Any(c => c.Effect == ChangeEffect.Breaking) ? ExitCode.Failed : ExitCode.Ok;
        });
        return command;
    }

    public static Command Approve(CommandContext context, ContractsLoader load)
    {
        var reason = new Option<string?>("--migration")
        {
            Description = "Approve breaking changes too, because all affected readers were migrated before. The reason is stored in the file.",
            HelpName = "REASON",
        };
        var root = Root();
        var command = new Command("approve", $"Write {ContractFiles.Schemas} and {ContractFiles.Approved} again. Refuses breaking changes.") { reason, root };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = FolderOf(parsed.GetValue(root));
            var contracts = await load(parsed, cancellationToken);
            var file = ApprovedIn(folder);
            var approved = File.Exists(file) ? ReadFile(file) : new Surface([], []);
            var present = Surface.Of(contracts.All);
            var changes = Changes(contracts, approved, present);
            var breaking = changes.Where(c => c.Effect == ChangeEffect.Breaking).ToList();
            if (breaking.Count > 0 && string.IsNullOrWhiteSpace(parsed.GetValue(reason)))
            {
                context.Terminal.Lines(SurfaceComparison.Explain(changes, Wording.Tool));
                throw new CliFailure($"Nothing was approved because of the breaking changes. If all readers are ready for them: {Wording.Tool} contracts approve --migration \"why it breaks nobody\"");
            }

            var migrations = breaking.Select(c => new Migration(c.Type, c.Path, parsed.GetValue(reason)!.Trim())).Distinct();
            WriteSchemas(contracts, Path.Combine(folder, ContractFiles.Schemas));
            await File.WriteAllTextAsync(file, SurfaceText.Write(present with { Migrations = [.. approved.Migrations.Union(migrations)] }, new Workspace(folder).Tool), cancellationToken);
            foreach (var change in changes)
                context.Terminal.Line($"{change.Type} {change.Path}: {change.What}");
            context.Terminal.Line($"{ContractFiles.Approved} and {ContractFiles.Schemas} are up to date; build again, and commit them with the change.");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Option<string?> Root() => new("--root")
    {
        Description = "The application whose files are meant. Default: that of the current folder.",
        HelpName = "FOLDER",
        Hidden = true,
    };

    private static string FolderOf(string? root) => root ?? Application.Required().Workspace.Root;

    private static IReadOnlyList<SurfaceChange> Changes(AppContracts contracts, Surface approved, Surface present) =>
        SurfaceComparison.Compare(approved, present, contracts.Topology.ReadersOf);

    private static string ApprovedIn(string folder) =>
        Directory.Exists(Path.Combine(folder, "contracts"))
            ? Path.Combine(folder, ContractFiles.Approved)
            : throw new CliFailure($"'{folder}' has no folder 'contracts'. Run this in the folder of an application.");

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

    private static async Task<Surface> ReadBaseAsync(string given, string folder, CancellationToken cancellationToken)
    {
        if (File.Exists(given))
            return ReadFile(given);
        if (given.StartsWith('-'))
            throw new CliFailure($"'{given}' is neither a file nor a git ref.");
        var shown = given.Contains(':', StringComparison.Ordinal) ? given : $"{given}:{ContractFiles.Approved}";
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", ["-C", folder, "show", shown]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
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

    private static void WriteSchemas(AppContracts contracts, string folder)
    {
        Directory.CreateDirectory(folder);
        var documentation = contracts.Documentation;
        foreach (var contract in contracts.All)
            File.WriteAllText(Path.Combine(folder, contract.Type + ".json"), SchemaExport.Of(contract, documentation));
        foreach (var old in Directory.EnumerateFiles(folder, "*.json").Where(f => contracts.Find(Path.GetFileNameWithoutExtension(f)) is null).ToList())
            File.Delete(old);
    }
}
