using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Contracts;
using Pipeline.Tests.Interop;

namespace Pipeline.Tests.ContractRules;

/// <summary>A JSON Schema validator of another maker, in one process for all documents of a test class.</summary>
public sealed class Ajv : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private Process? _process;

    public async Task InitializeAsync()
    {
        var folder = await NodePackage.DirectoryOfAsync("Contracts");
        _process = NodePackage.Start(Path.Combine(folder, "ajv.mjs"), new Dictionary<string, string>());
        var schemas = new JsonObject();
        foreach (var contract in ContractCatalog.All)
            schemas[contract.Type] = JsonNode.Parse(contract.Schema);
        schemas["com.contoso.tests.everything.v1"] = EverythingTests.Schema;
        await _process.StandardInput.WriteLineAsync(schemas.ToJsonString());
        await _process.StandardInput.FlushAsync();
        Assert.Equal("ready", await AnswerAsync());
    }

    public async Task DisposeAsync()
    {
        if (_process is null)
            return;
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(patience.Token);
        _process.Dispose();
    }

    /// <summary>What is wrong with each document; <see langword="null"/> where nothing is.</summary>
    public async Task<IReadOnlyList<string?>> JudgeAsync(IReadOnlyList<(string Type, string Text)> documents)
    {
        var answers = new List<string?>(documents.Count);
        var sending = Task.Run(async () =>
        {
            foreach (var (type, text) in documents)
                await _process!.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new { schema = type, text }));
            await _process!.StandardInput.FlushAsync();
        });
        foreach (var _ in documents)
            answers.Add(await AnswerAsync() is var answer and not "ok" ? answer : null);
        await sending;
        return answers;
    }

    private async Task<string> AnswerAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        return await _process!.StandardOutput.ReadLineAsync(patience.Token)
            ?? throw new InvalidOperationException($"The validator ended: {await _process.StandardError.ReadToEndAsync(patience.Token)}");
    }
}
