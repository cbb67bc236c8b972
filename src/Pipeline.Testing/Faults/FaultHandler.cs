namespace Pipeline.Testing.Faults;

/// <summary>Puts the plan under the Cosmos DB client.</summary>
internal sealed class FaultHandler(HttpMessageHandler inner, FaultPlan plan) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        IsOfAccount(request.RequestUri!)
            ? base.SendAsync(request, cancellationToken)
            : plan.RunAsync($"{request.Method} {request.RequestUri!.AbsolutePath}", () => base.SendAsync(request, cancellationToken));

    /// <summary>The client asks for the account's regions when it likes: no operation of the app.</summary>
    private static bool IsOfAccount(Uri address) => address.AbsolutePath == "/";
}
