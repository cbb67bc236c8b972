using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Pipeline.Local.EventGrid;

namespace Pipeline.Tests;

/// <summary>A topic's endpoint on a port of its own.</summary>
internal sealed class TopicServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TopicServer(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    public static async Task<TopicServer> StartAsync(EventGridTopic topic)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(topic.Endpoint.HandleAsync);
        await app.StartAsync();
        return new TopicServer(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
