namespace Pipeline.Contracts;

/// <summary>The files of the contracts in the repository, and the command that updates them.</summary>
public static class ContractFiles
{
    /// <summary>The folder of the stored schemas, one <c>TYPE.json</c> each.</summary>
    public const string Schemas = "contracts/schemas";

    /// <summary>The folder of the stored samples, <c>TYPE.NAME.json</c>.</summary>
    public const string Samples = "contracts/samples";

    /// <summary>The approved surface.</summary>
    public const string Approved = "contracts/approved.txt";

    /// <summary>What writes all that follows from records and consumers.</summary>
    public const string GenerateCommand = "./pipeline generate";

    /// <summary>The command that writes schemas and approved surface again.</summary>
    public const string ApproveCommand = "./pipeline contracts approve";
}
