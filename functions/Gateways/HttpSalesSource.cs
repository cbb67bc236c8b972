using System.Net;
using System.Net.Http.Json;
using Pipeline.Failures;
using Pipeline.Services.Reporting;

namespace Pipeline.Functions.Gateways;

/// <summary>Gets sales figures over HTTP.</summary>
/// <param name="http">The client; the caller's to dispose.</param>
/// <param name="baseAddress">Address of the pipeline's API, asked for at each call. Links must lead below it.</param>
/// <param name="key">Function key, sent as <c>x-functions-key</c>; <see langword="null"/> if none is required.</param>
public sealed class HttpSalesSource(HttpClient http, Func<Uri> baseAddress, string? key) : ISalesSource
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public async Task<SalesFigures> GetAsync(string link, CancellationToken cancellationToken)
    {
        var root = baseAddress();
        if (!Uri.TryCreate(root, link, out var address) || !address.AbsoluteUri.StartsWith(root.AbsoluteUri, StringComparison.Ordinal))
            throw new PermanentFailureException($"The link '{link}' does not refer to '{root}'; the key is sent only there.");
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (key is not null)
            request.Headers.Add("x-functions-key", key);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        using var response = await http.SendAsync(request, patience.Token);
        if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            throw new PermanentFailureException(string.Create(CultureInfo.InvariantCulture,
                $"{address} answered {(int)response.StatusCode}: set 'Sales__key' to a function key that may read it."));
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync(SalesJson.Default.SalesFigures, patience.Token)
            ?? throw new HttpRequestException($"{address} answered with no figures.");
    }
}
