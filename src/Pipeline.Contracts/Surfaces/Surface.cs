namespace Pipeline.Contracts.Surfaces;

/// <summary>The surface that others depend on: every contract with its fields. Two of them can be compared; see <see cref="SurfaceComparison"/>.</summary>
/// <param name="Contracts">By type.</param>
/// <param name="Migrations">Breaking changes that were made on purpose.</param>
public sealed record Surface(IReadOnlyList<ContractSurface> Contracts, IReadOnlyList<Migration> Migrations)
{
    /// <summary>The surface of some contracts.</summary>
    public static Surface Of(IEnumerable<Contract> contracts) =>
        new([.. contracts.Select(ContractSurface.Of).OrderBy(c => c.Type, StringComparer.Ordinal)], []);
}
