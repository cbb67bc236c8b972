using System.Text.Json;

namespace Pipeline.Tests.Deployment;

/// <summary>What the Bicep files compile to and would deploy. Each is compiled once in a run of the tests, when it is first asked for.</summary>
internal static class Infrastructure
{
    /// <summary>What stage 2 is given.</summary>
    public static readonly (string Name, string Value)[] Stage1Outputs =
        [("FUNCTION_APP_NAME", "func"), ("EVENT_GRID_TOPIC_NAME", "egt"), ("EVENT_GRID_IDENTITY_ID", "/id-topic"), ("DEAD_LETTER_STORAGE_ID", "/stdata")];

    private static readonly (string Name, string Value)[] Variables =
        [("BUDGET_START", "2026-09-01"), ("ALERT_EMAIL", "operators@example.com"), ("CARRIER_TOKEN_SHA256", "digest"), ("CARRIER_ORIGINS", "example.com")];

    private static readonly Lazy<Task<IReadOnlyDictionary<string, JsonElement>>> Compiled = new(CompileAsync);
    private static readonly Lazy<Task<Snapshot>> DevSnapshot = new(() => SnapshotAsync("dev.bicepparam", Variables));
    private static readonly Lazy<Task<Snapshot>> ProdSnapshot = new(() => SnapshotAsync("prod.bicepparam", Variables));
    private static readonly Lazy<Task<Snapshot>> Stage2Snapshot = new(() => SnapshotAsync("subscriptions.bicepparam", Stage1Outputs));

    /// <summary>The ARM templates of all Bicep files, by the name of the file.</summary>
    public static Task<IReadOnlyDictionary<string, JsonElement>> TemplatesAsync() => Compiled.Value;

    public static async Task<JsonElement> TemplateAsync(string name) => (await TemplatesAsync())[name];

    /// <summary>Stage 1 with dev.bicepparam.</summary>
    public static Task<Snapshot> DevAsync() => DevSnapshot.Value;

    /// <summary>Stage 1 with prod.bicepparam.</summary>
    public static Task<Snapshot> ProdAsync() => ProdSnapshot.Value;

    /// <summary>Stage 2, without webhooks.</summary>
    public static Task<Snapshot> Stage2Async() => Stage2Snapshot.Value;

    /// <summary>Stage 1 with both parameter files.</summary>
    public static async Task<IReadOnlyList<Snapshot>> BothAsync() => [await DevAsync(), await ProdAsync()];

    private static async Task<Snapshot> SnapshotAsync(string parameters, (string Name, string Value)[] environment)
    {
        using var folder = new BicepFolder();
        return await folder.SnapshotAsync(parameters, environment);
    }

    private static async Task<IReadOnlyDictionary<string, JsonElement>> CompileAsync()
    {
        using var folder = new BicepFolder();
        await folder.CompileAsync(["build", "--pattern", "**/*.bicep", "--outdir", "templates"]);
        return BicepSources.Templates.ToDictionary(
            name => name, name => JsonDocument.Parse(folder.Read(Path.Combine("templates", Path.ChangeExtension(name, ".json")))).RootElement, StringComparer.Ordinal);
    }
}
