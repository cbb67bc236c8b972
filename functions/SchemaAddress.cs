using Microsoft.AspNetCore.Http;

namespace Pipeline.Functions;

/// <summary>The address of the schemas, which events contain as <c>dataschema</c>.</summary>
/// <param name="Base">Ends with a slash; <see langword="null"/> if the app serves no HTTP and has no setting for it.</param>
public sealed record SchemaAddress(Uri? Base)
{
    /// <summary>Gets the address; without a setting, that of the request.</summary>
    public Uri For(HttpRequest request) => Base ?? new Uri($"{request.Scheme}://{request.Host}/");
}
