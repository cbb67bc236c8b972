using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization.Metadata;
using Pipeline.Json;

namespace Pipeline.State;

/// <summary>An aggregate stored as one document, replaced as a whole.</summary>
public sealed class DocumentState<TState> : StateModel<TState>
    where TState : class
{
    /// <summary>Creates the model.</summary>
    /// <param name="json">Source-generated metadata of the state.</param>
    public DocumentState(JsonTypeInfo<TState> json)
    {
        ArgumentNullException.ThrowIfNull(json);
        Json = json;
    }

    /// <summary>
    /// Creates the model for a record that is read and written by reflection: camel case, decimals to the last digit. Its metadata is
    /// made once, here. The stored JSON is that of source-generated metadata with the same options, so that one can be replaced by the other.
    /// </summary>
    [RequiresUnreferencedCode(ReflectedJson.Limits)]
    [RequiresDynamicCode(ReflectedJson.Limits)]
    public DocumentState()
        : this(ReflectedJson.OfState<TState>())
    {
    }

    /// <summary>How the document is read and written.</summary>
    internal JsonTypeInfo<TState> Json { get; }

    internal override TResult Accept<TResult>(IStateVisitor<TState, TResult> visitor) => visitor.VisitDocument(this);
}
