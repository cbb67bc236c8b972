using Microsoft.AspNetCore.Http;

namespace Pipeline.Functions;

/// <summary>Where this pipeline's schemas are to be found; the addresses that its events carry as <c>dataschema</c>.</summary>
/// <param name="Base">With a slash at the end; <see langword="null"/> where the app serves no HTTP and no setting names another place.</param>
public sealed record SchemaAddress(Uri? Base)
{
    /// <summary>The address; without one of its own, where the request was sent to.</summary>
    public Uri For(HttpRequest request) => Base ?? new Uri($"{request.Scheme}://{request.Host}/");
}
