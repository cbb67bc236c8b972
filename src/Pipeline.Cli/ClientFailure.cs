using System.Net;
using Pipeline.Client;

namespace Pipeline.Cli;

/// <summary>Says how a user of this tool can mend a failed request.</summary>
internal static class ClientFailure
{
    private const string WhereKeysAre =
        $"Give it in the environment variable {FunctionKeyOption.EnvironmentVariable}, or with --key. On this machine it is in the file that the host "
        + "names when Local:Keys is on; in Azure 'az functionapp keys list --name APP --resource-group GROUP' shows it.";

    /// <summary>Gets the failure in one line, with this tool named as it was called here.</summary>
    public static string TextOf(PipelineClientException failure)
    {
        var text = failure.Message.Replace("'pipeline ", $"'{Wording.Tool} ", StringComparison.Ordinal);
        return failure switch
        {
            PipelineUnreachableException { IsTimeout: false } =>
                $"{text} Start the pipeline{(Wording.StartCommand is { } start ? $" with '{start}'" : "")}, or give its address with --url.",
            PipelineRefusedException { Status: HttpStatusCode.Unauthorized } => $"{text} {WhereKeysAre}",
            PipelineRefusedException { Location: not null } => $"{text} Give the pipeline's own address with --url.",
            _ => text,
        };
    }
}
