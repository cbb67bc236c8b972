using Pipeline.Contracts;
using Pipeline.Contracts.Surfaces;
using Pipeline.Tests.Deployment;

namespace Pipeline.Tests.ContractRules;

/// <summary>The gate itself: what CompatibilityTests proves of drafts, for the contracts in git.</summary>
public sealed class ApprovedContractsTests
{
    [Fact]
    public void G7_The_contracts_are_the_approved_ones()
    {
        var approved = SurfaceText.Read(Repository.Text(ContractFiles.Approved));
        var present = Surface.Of(ContractCatalog.All) with { Migrations = approved.Migrations };
        var changes = SurfaceComparison.Compare(approved, present, ContractCatalog.Topology.ReadersOf);
        Assert.True(changes.Count == 0, $"The contracts are not those of {ContractFiles.Approved}.\n{SurfaceComparison.Explain(changes)}");
        Assert.True(
            SurfaceText.Write(present, "./pipeline") == Repository.Text(ContractFiles.Approved),
            $"{ContractFiles.Approved} says the same, but is not written as it would be now. Write it anew with: ./pipeline contracts approve");
    }
}
