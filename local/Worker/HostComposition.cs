using Microsoft.AspNetCore.Builder;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Hosting;

namespace Pipeline.Local.Worker;

internal static class HostComposition
{
    public static void AddDefaults(WebApplicationBuilder web)
    {
    }

    public static IHost Build(
        WebApplicationBuilder web,
        LocalPlatform? platform,
        bool usesAspNetCore,
        IReadOnlyList<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> middleware) =>
        throw new StartupException("The host is being built.");
}
