namespace Pipeline.Local.EventGrid;

/// <summary>The hosts of a platform that run functions for events, and where. Used under the topic's lock.</summary>
internal sealed class FunctionHosts
{
    private readonly Dictionary<string, List<Uri>> _addresses = new(StringComparer.OrdinalIgnoreCase);
    private int _turn;

    /// <param name="address">The host's address; with the query <c>?code=KEY</c> where it asks for a key.</param>
    /// <param name="functions">What it runs.</param>
    public void Add(Uri address, IEnumerable<string> functions)
    {
        foreach (var function in functions)
        {
            if (!_addresses.TryGetValue(function, out var hosts))
                _addresses.Add(function, hosts = []);
            hosts.Add(address);
        }
    }

    public void Remove(Uri address)
    {
        foreach (var hosts in _addresses.Values)
            hosts.Remove(address);
    }

    /// <summary>Whether any host runs the function.</summary>
    public bool Run(string function) => _addresses.TryGetValue(function, out var hosts) && hosts.Count > 0;

    /// <summary>Where the next event of a function goes, each host in its turn; <see langword="null"/> if no host runs it.</summary>
    public Uri? Next(string function)
    {
        if (!_addresses.TryGetValue(function, out var hosts) || hosts.Count == 0)
            return null;
        var host = hosts[(int)((uint)_turn++ % (uint)hosts.Count)];
        var key = host.Query.Length > 1 ? "&" + host.Query[1..] : "";
        return new Uri(host, $"/runtime/webhooks/EventGrid?functionName={Uri.EscapeDataString(function)}{key}");
    }
}
