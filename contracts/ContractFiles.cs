namespace Pipeline.Contracts;

/// <summary>Where the contract's files are in the repository, and how they are brought up to date.</summary>
public static class ContractFiles
{
    /// <summary>The folder of the stored schemas, one <c>TYPE.json</c> each.</summary>
    public const string Schemas = "contracts/schemas";

    /// <summary>The folder of the stored samples, <c>TYPE.NAME.json</c>.</summary>
    public const string Samples = "contracts/samples";

    /// <summary>The approved surface.</summary>
    public const string Approved = "contracts/approved.txt";

    /// <summary>What writes all that follows from records and consumers.</summary>
    public const string GenerateCommand = "dotnet run --project src/Pipeline.Cli -- generate";

    /// <summary>What rewrites schemas and approved surface.</summary>
    public const string ApproveCommand = "dotnet run --project src/Pipeline.Cli -- contracts approve";
}
