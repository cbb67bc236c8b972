using System.Net.Sockets;
using System.Text;

namespace Pipeline.Tests;

/// <summary>Requests as they are written: an HttpClient would put two headers of one name into one line.</summary>
internal static class RawHttp
{
    public static async Task<string> PostAsync(Uri address, string path, IEnumerable<string> headers, byte[] body)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await using var stream = client.GetStream();
        var head = string.Create(CultureInfo.InvariantCulture, $"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {body.Length}\r\n");
        await stream.WriteAsync(Encoding.Latin1.GetBytes(head + string.Concat(headers.Select(h => h + "\r\n")) + "\r\n"));
        await stream.WriteAsync(body);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }
}
