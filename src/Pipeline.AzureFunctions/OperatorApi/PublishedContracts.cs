using Microsoft.AspNetCore.Http;
using Pipeline.Contracts;

namespace Pipeline.AzureFunctions.OperatorApi;

/// <summary>The contracts that the app documents over HTTP.</summary>
/// <param name="All">All contracts.</param>
/// <param name="Topology">The entities that their messages travel by.</param>
/// <param name="SchemaAddress">
/// The address of the schemas, which events contain as <c>dataschema</c>. Ends with a slash; <see langword="null"/> if the app serves no
/// HTTP and has no setting for it.
/// </param>
public sealed record PublishedContracts(IReadOnlyList<Contract> All, Topology Topology, Uri? SchemaAddress)
{
    /// <summary>Gets the address of the schemas; without a setting, that of the request.</summary>
    /// <param name="request">The request.</param>
    public Uri AddressFor(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return SchemaAddress ?? new Uri($"{request.Scheme}://{request.Host}/");
    }
}
