namespace Pipeline.AzureFunctions.Configuration;

/// <summary>Ends the start if something is missing between consumers, contracts, triggers and gateways.</summary>
/// <param name="errors">What is missing, each with the command or code that adds it.</param>
public sealed class WiringException(IReadOnlyList<string> errors) : Exception(
    "The app cannot start, because parts of it do not fit together:\n" + string.Join('\n', errors.Select(e => "- " + e)))
{
    /// <summary>Gets what is missing, each with the command or code that adds it.</summary>
    public IReadOnlyList<string> Errors { get; } = errors;
}
