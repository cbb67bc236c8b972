using Microsoft.AspNetCore.Routing.Patterns;

namespace Pipeline.Local.Hosting;

/// <summary>Runs a function for HTTP requests.</summary>
internal sealed class HttpFunctionTrigger : FunctionTrigger
{
    public HttpFunctionTrigger(string function, RawBinding binding, string routePrefix)
    {
        Level = Enum.TryParse<KeyLevel>(binding.Text("authLevel"), ignoreCase: true, out var level) ? level : KeyLevel.Function;
        Methods = [.. binding.Texts("methods").Select(m => m.ToUpperInvariant())];
        var route = (binding.Text("route") ?? function).Trim('/');
        try
        {
            Route = RoutePatternFactory.Parse(routePrefix.Length == 0 ? $"/{route}" : $"/{routePrefix}/{route}");
        }
        catch (RoutePatternException error)
        {
            throw new StartupException($"the route '{route}' is no route template: {error.Message}", error);
        }
    }

    public override string Description => $"{(Methods.Count == 0 ? "any method" : string.Join(", ", Methods))} {Route.RawText}";

    public RoutePattern Route { get; }

    /// <summary>Empty = any.</summary>
    public IReadOnlyList<string> Methods { get; }

    public KeyLevel Level { get; }

    /// <summary>Routes that answer the same requests make each request an error.</summary>
    public static void CheckTogether(IReadOnlyList<HostedFunction> functions, ICollection<string> problems)
    {
        var same = functions
            .Where(f => f.Trigger is HttpFunctionTrigger)
            .Select(f => (f.Name, Trigger: (HttpFunctionTrigger)f.Trigger))
            .SelectMany(f => (f.Trigger.Methods.Count == 0 ? ["*"] : f.Trigger.Methods).Select(m => (f.Name, Key: $"{m} {f.Trigger.Route.RawText}")))
            .GroupBy(f => f.Key, StringComparer.OrdinalIgnoreCase)
            .Where(group => group.Count() > 1);
        foreach (var group in same)
            problems.Add($"{string.Join(" and ", group.Select(f => f.Name))} share the route {group.Key}.");
    }
}
