using Microsoft.AspNetCore.Http;
namespace Pipeline.Local.Cosmos;
#pragma warning disable
internal sealed class CosmosEndpoint : IDisposable
{
    public HttpMessageHandler CreateHandler() => new SocketsHttpHandler();
    public Task HandleAsync(HttpContext context) => throw new NotSupportedException();
    public void Dispose() { }
}
