namespace Pipeline.Generation;

/// <summary>Thrown where nothing can be generated from a definition. The message says what to change.</summary>
internal sealed class GenerationException(string message) : Exception(message);
