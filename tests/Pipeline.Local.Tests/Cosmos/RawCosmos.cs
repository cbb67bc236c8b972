using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Pipeline.Tests;

/// <summary>The endpoint behind Kestrel, and requests whose target goes over the wire byte for byte: no client changes it.</summary>
internal sealed class RawCosmos : IAsyncDisposable
{
    private const string Date = "Mon, 02 Nov 2026 10:00:00 GMT";
    private readonly WebApplication _app;

    private RawCosmos(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    public static async Task<RawCosmos> StartAsync(LocalCosmos cosmos)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(cosmos.Endpoint.HandleAsync);
        await app.StartAsync();
        return new(app);
    }

    /// <param name="method">The method.</param>
    /// <param name="target">Path, encoded as it is to be sent.</param>
    /// <param name="signed">What is signed: type and link; null for no authorization.</param>
    /// <param name="body">The body.</param>
    /// <param name="headers">Further headers.</param>
    public async Task<(int Status, string Body)> SendAsync(
        string method, string target, (string Type, string Link)? signed, string? body = null, params (string Name, string Value)[] headers)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Address.Host, Address.Port);
        await using var stream = client.GetStream();
        var content = Encoding.UTF8.GetBytes(body ?? "");
        var head = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"{method} {target} HTTP/1.1\r\nHost: {Address.Authority}\r\nConnection: close\r\nContent-Length: {content.Length}\r\n");
        if (signed is var (type, link))
            head.Append(CultureInfo.InvariantCulture, $"x-ms-date: {Date}\r\nauthorization: {CosmosSigning.Authorization(method, type, link, Date)}\r\n");
        foreach (var (name, value) in headers)
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()));
        await stream.WriteAsync(content);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var answer = await reader.ReadToEndAsync();
        var parts = answer.Split("\r\n\r\n", 2);
        return (int.Parse(parts[0].AsSpan(9, 3), CultureInfo.InvariantCulture), parts[1]);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
