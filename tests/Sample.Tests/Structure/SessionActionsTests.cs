using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Functions;

namespace Pipeline.Tests;

public sealed class SessionActionsTests
{
    /// <summary>The host finds them by session id alone, and one order is in work on several subscriptions of a process at a time.</summary>
    [Fact]
    public void No_function_of_the_app_takes_session_actions()
    {
        var functions = Deployment.AppFunctions.Methods.Where(m => m.GetCustomAttribute<FunctionAttribute>() is not null).ToList();
        Assert.Contains(functions, f => f.GetParameters().Any(p => p.ParameterType == typeof(ServiceBusMessageActions)));
        Assert.DoesNotContain(functions, f => f.GetParameters().Any(p => p.ParameterType == typeof(ServiceBusSessionMessageActions)));
    }
}
