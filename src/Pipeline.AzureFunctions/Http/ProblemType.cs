namespace Pipeline.AzureFunctions.Http;

/// <summary>A kind of problem that an API answers with, as RFC 9457 has it: a stable type, title and status.</summary>
/// <param name="Slug">The stable name: lower-case words joined by hyphens. The refusal of a command with this code becomes this problem.</param>
/// <param name="Status">The HTTP status, 400 to 599.</param>
/// <param name="Title">A short title; the same in every answer of this type.</param>
/// <param name="Description">When it occurs and what the caller can do.</param>
public sealed record ProblemType(string Slug, int Status, string Title, string Description)
{
    /// <summary>Where <see cref="ProblemsApi"/> documents them.</summary>
    internal const string Path = "/api/problems/";

    /// <summary>Gets the <c>type</c> member: the address in this app that documents the problem, relative to the app's root.</summary>
    /// <remarks>Relative, because the app owns no domain; the address resolves in every deployment.</remarks>
    public string Uri => Path + Slug;
}
