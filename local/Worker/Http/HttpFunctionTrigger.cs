using System.Globalization;
using System.Linq.Expressions;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.Local.Worker;

/// <summary>Runs a function for HTTP requests.</summary>
internal sealed class HttpFunctionTrigger : FunctionTrigger
{
    private static readonly MethodInfo _routeValue =
        typeof(HttpFunctionTrigger).GetMethod(nameof(RouteValue), BindingFlags.NonPublic | BindingFlags.Static)!;

    private readonly bool _usesAspNetCore;

    public HttpFunctionTrigger(string function, HttpTriggerAttribute attribute, string routePrefix, bool usesAspNetCore)
    {
        _usesAspNetCore = usesAspNetCore;
        Level = attribute.AuthLevel;
        Methods = [.. (attribute.Methods ?? []).Select(m => m.ToUpperInvariant())];
        var route = (attribute.Route ?? function).Trim('/');
        try
        {
            Route = RoutePatternFactory.Parse(routePrefix.Length == 0 ? $"/{route}" : $"/{routePrefix}/{route}");
        }
        catch (RoutePatternException error)
        {
            throw new StartupException($"the route '{route}' is no route template: {error.Message}", error);
        }
    }

    public override bool TakesResult => true;

    public override string Description => $"{(Methods.Count == 0 ? "any method" : string.Join(", ", Methods))} {Route.RawText}";

    public RoutePattern Route { get; }

    /// <summary>Empty = any.</summary>
    public IReadOnlyList<string> Methods { get; }

    public AuthorizationLevel Level { get; }

    public override string? ProblemWith(ParameterInfo triggerParameter)
    {
        if (triggerParameter.ParameterType != typeof(HttpRequest))
            return $"AZFW0013: the parameter '{triggerParameter.Name}' is a {triggerParameter.ParameterType.Name}; an ASP.NET Core HttpRequest is expected.";
        if (!_usesAspNetCore)
            return "AZFW0014: it uses ASP.NET Core's HttpRequest: call builder.ConfigureFunctionsWebApplication() in Program.cs.";
        var returned = ((MethodInfo)triggerParameter.Member).ReturnType;
        if (returned.IsGenericType && returned.GetGenericTypeDefinition() == typeof(Task<>))
            returned = returned.GetGenericArguments()[0];
        var known = returned == typeof(void) || returned == typeof(Task)
            || returned.IsAssignableTo(typeof(IResult)) || returned.IsAssignableTo(typeof(IActionResult));
        return known ? null : $"it returns {returned.Name}: an IResult, an IActionResult or nothing is expected.";
    }

    public override Expression? Argument(ParameterInfo parameter, Expression invocation)
    {
        if (Route.GetParameter(parameter.Name!) is null)
            return null;
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        if (type != typeof(string) && type != typeof(int) && type != typeof(long) && type != typeof(Guid) && type != typeof(bool))
            throw new StartupException($"the route parameter '{parameter.Name}' is a {type.Name}: string, int, long, Guid or bool is expected.");
        var read = Expression.Call(
            _routeValue, Expression.Convert(invocation, typeof(HttpInvocation)), Expression.Constant(parameter.Name), Expression.Constant(type));
        if (type == typeof(string) || parameter.ParameterType != type)
            return Expression.Convert(read, parameter.ParameterType);

        // An optional segment that is absent leaves a value type at its default.
        return Expression.Convert(Expression.Coalesce(read, Expression.Convert(Expression.Default(type), typeof(object))), type);
    }

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

    private static object? RouteValue(HttpInvocation invocation, string name, Type type)
    {
        if (invocation.HttpContext.Request.RouteValues[name] is not string text)
            return null;
        if (type == typeof(string))
            return text;
        if (type == typeof(int) && int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number))
            return number;
        if (type == typeof(long) && long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var large))
            return large;
        if (type == typeof(Guid) && Guid.TryParse(text, out var id))
            return id;
        if (type == typeof(bool) && bool.TryParse(text, out var truth))
            return truth;
        throw new InvalidOperationException($"The route value {name} = '{text}' is no {type.Name}.");
    }
}

/// <summary>A run for one request.</summary>
internal sealed class HttpInvocation(HostedFunction function, HttpContext context, CancellationToken cancellation)
    : Invocation(function, context.Request, cancellation)
{
    public HttpContext HttpContext => context;

    public override IReadOnlyDictionary<string, object?> BindingData
    {
        get
        {
            var data = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
            foreach (var (name, value) in context.Request.Query)
                data[name] = value.ToString();
            foreach (var (name, value) in context.Request.RouteValues)
                data[name] = value;
            return data;
        }
    }
}
