namespace Pipeline.Testing.Faults;

/// <summary>Puts the plan under the Cosmos DB client.</summary>
internal sealed class FaultHandler(HttpMessageHandler inner, FaultPlan plan) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        IsOfAccount(request.RequestUri!)
            ? base.SendAsync(request, cancellationToken)
            : plan.RunAsync($"{(IsQuery(request) ? FaultPlan.Query : request.Method)} {request.RequestUri!.AbsolutePath}", () => base.SendAsync(request, cancellationToken));

    /// <summary>Queries, and what the client asks before it sends one, are POST requests that change nothing.</summary>
    private static bool IsQuery(HttpRequestMessage request) =>
        request.Headers.Contains("x-ms-documentdb-isquery") || request.Headers.Contains("x-ms-cosmos-is-query-plan-request");

    /// <summary>The client asks for the account's regions when it likes: no operation of the app.</summary>
    private static bool IsOfAccount(Uri address) => address.AbsolutePath == "/";
}
