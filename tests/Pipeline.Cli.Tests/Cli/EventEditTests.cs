using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Pipeline.Cli;

namespace Pipeline.Tests.Cli;

/// <summary>One edit of an event at all its consumers, with the tool.</summary>
public sealed class EventEditTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();
    private PipelineStub stub = null!;

    public async Task InitializeAsync()
    {
        stub = await PipelineStub.StartAsync();
        stub.OpenDeadLetters.Add(StubDocuments.DeadLetter("dl:1", "order-1", DateTimeOffset.UnixEpoch));
    }

    public async Task DisposeAsync()
    {
        await stub.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task One_edit_of_an_event_lists_what_became_of_it_at_each_consumer_and_fails_if_one_refused()
    {
        var patch = Path.Combine(_folder.FullName, "patch.json");
        await File.WriteAllTextAsync(patch, "[]");
        JsonObject? sent = null;
        stub.First = async context =>
        {
            if (context.Request.Path != "/api/dead-letters/edit-event")
                return false;
            sent = (await JsonNode.ParseAsync(context.Request.Body))!.AsObject();
            JsonObject Item(string consumer, string outcome, string? reason) => new()
            {
                ["consumer"] = consumer,
                ["container"] = "c",
                ["partition"] = "o-1",
                ["id"] = "dl:" + consumer,
                ["outcome"] = outcome,
                ["reason"] = reason,
            };
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(new JsonObject
            {
                ["eventId"] = "e-1",
                ["source"] = "ordering",
                ["editedCount"] = 1,
                ["items"] = new JsonArray(Item("a/b", "edited", null), Item("a/c", "refused", "A replay processes it.")),
            }.ToJsonString());
            return true;
        };

        var run = await CliRun.AgainstAsync(stub.Url, "dead-letters", "edit", "--event", "e-1", "--source", "ordering", "--patch", patch, "--why", "w", "--by", "ann");

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Equal(("e-1", "ordering", "ann", "w"), ((string)sent!["eventId"]!, (string)sent["source"]!, (string)sent["by"]!, (string)sent["why"]!));
        Assert.Contains("a/b at o-1: edited", run.Output, StringComparison.Ordinal);
        Assert.Contains("a/c at o-1: not edited: A replay processes it.", run.Output, StringComparison.Ordinal);
        Assert.Contains("1 of 2 dead letters of the event e-1 has the edit; the others are unchanged.", run.Output, StringComparison.Ordinal);
    }
}
