namespace Pipeline.JsonPatches;

/// <summary>A JSON Patch cannot be read, or cannot be applied to a document. The document is as it was.</summary>
public sealed class JsonPatchException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="operation">Index of the operation that is at fault; <see langword="null"/> if the patch as a whole is.</param>
    public JsonPatchException(string message, int? operation = null)
        : base(operation is { } index
            ? string.Create(CultureInfo.InvariantCulture, $"Operation {index} of the patch: {message}")
            : message) => Operation = operation;

    /// <summary>Index of the operation that is at fault, from 0; <see langword="null"/> if the patch as a whole is.</summary>
    public int? Operation { get; }
}
