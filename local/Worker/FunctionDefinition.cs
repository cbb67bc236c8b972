using System.Collections.Immutable;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>A function as declared.</summary>
public abstract class FunctionDefinition
{
    /// <summary>The method's parameters in order.</summary>
    public abstract ImmutableArray<FunctionParameter> Parameters { get; }

    /// <summary>Path of the assembly that declares the function.</summary>
    public abstract string PathToAssembly { get; }

    /// <summary>Full name of type and method.</summary>
    public abstract string EntryPoint { get; }

    /// <summary>Identifies the function; the same in every process that runs the same app.</summary>
    public abstract string Id { get; }

    /// <summary>The name given by <see cref="FunctionAttribute"/>.</summary>
    public abstract string Name { get; }
}

/// <summary>A parameter of a function.</summary>
public class FunctionParameter
{
    /// <summary>Creates a parameter without default value and properties.</summary>
    public FunctionParameter(string name, Type type)
        : this(name, type, false, null!, ImmutableDictionary<string, object>.Empty)
    {
    }

    /// <summary>Creates a parameter without properties.</summary>
    public FunctionParameter(string name, Type type, bool hasDefaultValue, object defaultValue)
        : this(name, type, hasDefaultValue, defaultValue, ImmutableDictionary<string, object>.Empty)
    {
    }

    /// <summary>Creates a parameter without default value.</summary>
    public FunctionParameter(string name, Type type, IReadOnlyDictionary<string, object> properties)
        : this(name, type, false, null!, properties)
    {
    }

    /// <summary>Creates a parameter.</summary>
    public FunctionParameter(
        string name, Type type, bool hasDefaultValue, object defaultValue, IReadOnlyDictionary<string, object> properties)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(properties);
        Name = name;
        Type = type;
        HasDefaultValue = hasDefaultValue;
        DefaultValue = defaultValue;
        Properties = properties;
    }

    /// <summary>The parameter's name.</summary>
    public string Name { get; }

    /// <summary>The parameter's type.</summary>
    public Type Type { get; }

    /// <summary>Whether the parameter is optional.</summary>
    public bool HasDefaultValue { get; }

    /// <summary>Whether <see langword="null"/> fits.</summary>
    public bool IsReferenceOrNullableType => !Type.IsValueType || Nullable.GetUnderlyingType(Type) is not null;

    /// <summary>The default, if there is one.</summary>
    public object? DefaultValue { get; }

    /// <summary>Always empty in the Local build, unless given to the constructor.</summary>
    public IReadOnlyDictionary<string, object> Properties { get; }
}
