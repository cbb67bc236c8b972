namespace Pipeline.ProbeApp;

/// <summary>Tells the test what a function sees, and does what it answers.</summary>
public sealed class Probe(Uri address)
{
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };

    /// <returns>What the function is to do, where that is up to it.</returns>
    /// <exception cref="InvalidOperationException">It was told to fail.</exception>
    public async Task<string> TellAsync(string line, CancellationToken cancellation)
    {
        using var content = new StringContent(line);
        using var response = await _http.PostAsync(address, content, CancellationToken.None);
        var order = await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(CancellationToken.None);
        switch (order)
        {
            case "fail":
                throw new InvalidOperationException("told to fail by " + line);
            case "wait":
                await WaitAsync(line, cancellation);
                break;
            case "exit":
                Environment.Exit(3);
                break;
        }

        return order;
    }

    private async Task WaitAsync(string line, CancellationToken cancellation)
    {
        try
        {
            await Task.Delay(Timeout.Infinite, cancellation);
        }
        catch (OperationCanceledException)
        {
            using var content = new StringContent(line + " cancelled");
            using var told = await _http.PostAsync(address, content, CancellationToken.None);
            throw;
        }
    }
}
