namespace Pipeline.Client;

/// <summary>A name or id cannot be part of an address.</summary>
public sealed class InvalidAddressException : PipelineClientException
{
    internal InvalidAddressException(string message)
        : base(message)
    {
    }
}
