namespace Pipeline.AzureFunctions.Http;

/// <summary>All problem types that the app answers with: those of the package, and those that the app adds.</summary>
/// <param name="all">The types, in the order of the documentation.</param>
public sealed class ProblemCatalog(IReadOnlyList<ProblemType> all)
{
    private readonly Dictionary<string, ProblemType> _bySlug = all.DistinctBy(p => p.Slug, StringComparer.Ordinal).ToDictionary(p => p.Slug, StringComparer.Ordinal);

    /// <summary>Gets all of them, in the order of the documentation.</summary>
    public IReadOnlyList<ProblemType> All => all;

    /// <summary>Finds a type by its slug; <see langword="null"/> if there is none.</summary>
    public ProblemType? Find(string slug) => _bySlug.GetValueOrDefault(slug);
}
