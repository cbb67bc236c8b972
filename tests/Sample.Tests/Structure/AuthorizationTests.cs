using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Pipeline.AzureFunctions.Http;
using Pipeline.AzureFunctions.OperatorApi;
using Pipeline.AzureFunctions.Webhooks;
using Pipeline.Functions;

namespace Pipeline.Tests;

/// <summary>Who may call what: every HTTP function takes a key, unless it stands here with a reason.</summary>
public sealed class AuthorizationTests
{
    private static readonly Dictionary<string, string> Open = new(StringComparer.Ordinal)
    {
        ["health"] = "Load balancers and scripts ask for it; it says one word.",
        ["place-order"] = "The shop's customers; who they are is for the gateway or App Service authentication in front.",
        ["cancel-order"] = "As place-order; the order's id cannot be guessed.",
        ["get-order"] = "As place-order; the order's id cannot be guessed.",
        ["get-stock"] = "What can be bought is public.",
        ["get-payment"] = "As get-order.",
        ["get-shipment"] = "As get-order.",
        ["get-notifications"] = "As get-order.",
        ["get-schema"] = "Events name it as their dataschema, and whoever gets one may ask what it means; a schema tells of no data.",
        ["get-problem-type"] = "Every answer with a problem names it as its type; it documents problems and contains no data.",
        ["webhook"] = "Partners have no key of the app; the receiver verifies their token itself, before it reads the body.",
        ["webhook-handshake"] = "The handshake of the CloudEvents webhook specification comes without a token; it changes nothing.",
    };

    /// <summary>The classes whose functions are for operators. A class with an open HTTP function stands here or in <see cref="ForOthers"/>.</summary>
    private static readonly Type[] ForOperators =
    [
        typeof(ActivityApi), typeof(DeadLettersApi), typeof(EditsApi), typeof(OperatorsApi), typeof(QuarantineApi), typeof(ReplaysApi), typeof(SimulatorApi),
    ];

    private static readonly Type[] ForOthers =
    [
        typeof(ContractsApi), typeof(NotificationsApi), typeof(OrdersApi), typeof(PaymentsApi), typeof(ProblemsApi), typeof(SalesApi), typeof(ShipmentsApi), typeof(StockApi),
        typeof(WebhooksApi),
    ];

    private static Dictionary<string, AuthorizationLevel> Levels { get; } = Deployment.AppFunctions.Methods
        .SelectMany(m => m.GetParameters().Select(p => p.GetCustomAttribute<HttpTriggerAttribute>()).OfType<HttpTriggerAttribute>(), (m, t) => (m, t))
        .ToDictionary(f => f.m.GetCustomAttribute<FunctionAttribute>()!.Name, f => f.t.AuthLevel);

    [Fact]
    public void Every_http_function_that_is_not_listed_as_open_takes_a_key()
    {
        Assert.True(Levels.Count > 10);
        Assert.All(Levels.Where(f => !Open.ContainsKey(f.Key)), f => Assert.True(f.Value >= AuthorizationLevel.Function, f.Key));
    }

    [Fact]
    public void What_is_listed_as_open_exists_and_is_open() =>
        Assert.All(Open.Keys, name => Assert.Equal(AuthorizationLevel.Anonymous, Assert.Contains(name, Levels)));

    [Fact]
    public void Every_function_for_operators_takes_a_key_whatever_is_listed()
    {
        var operators = ForOperators.SelectMany(FunctionsOf).Append("set-stock").Where(name => name != "health").ToList();
        Assert.All(ForOperators, api => Assert.NotEmpty(FunctionsOf(api)));
        Assert.All(operators, name => Assert.True(Levels[name] >= AuthorizationLevel.Function, name));
    }

    /// <summary>One whose functions all take a key is for operators as far as this goes, and needs no line here.</summary>
    [Fact]
    public void Every_class_with_an_open_http_function_is_known_to_be_for_operators_or_for_others()
    {
        var classes = Deployment.AppFunctions.Classes.Where(t => FunctionsOf(t).Any(Levels.ContainsKey)).ToList();
        Assert.Empty(classes.Where(t => FunctionsOf(t).Any(f => Levels.GetValueOrDefault(f, AuthorizationLevel.Admin) == AuthorizationLevel.Anonymous)).Except(ForOperators).Except(ForOthers));
        Assert.Empty(ForOperators.Concat(ForOthers).Except(classes));
    }

    private static IEnumerable<string> FunctionsOf(Type type) =>
        type.GetMethods().Select(m => m.GetCustomAttribute<FunctionAttribute>()?.Name).OfType<string>();
}
