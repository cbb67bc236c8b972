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

    /// <summary>What writes all that follows from records and consumers: in an application, and in a clone of this repository.</summary>
    public const string GenerateCommand = "dotnet pipeline generate (./pipeline generate in a clone of Pipeline)";

    /// <summary>The command that writes schemas and approved surface again, in an application.</summary>
    public const string ApproveCommand = Tool + " contracts approve";

    internal const string Tool = "dotnet pipeline";
}
