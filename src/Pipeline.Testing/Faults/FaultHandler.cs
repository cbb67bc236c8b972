namespace Pipeline.Testing.Faults;

/// <summary>Puts the plan under the Cosmos DB client.</summary>
internal sealed class FaultHandler(HttpMessageHandler inner, FaultPlan plan) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        plan.RunAsync($"{request.Method} {request.RequestUri!.AbsolutePath}", () => base.SendAsync(request, cancellationToken));
}
