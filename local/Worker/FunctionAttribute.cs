namespace Microsoft.Azure.Functions.Worker
{
    /// <summary>Marks a public method as a function.</summary>
    /// <param name="name">The function's name, unique in the app regardless of case.</param>
    [AttributeUsage(AttributeTargets.Method)]
    public class FunctionAttribute(string name) : Attribute
    {
        /// <summary>The function's name.</summary>
        public string Name { get; } = name;
    }
}

namespace Microsoft.Azure.Functions.Worker.Extensions.Abstractions
{
    /// <summary>Marks a parameter or return value that is bound by an extension.</summary>
    [AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property | AttributeTargets.Method)]
    public abstract class BindingAttribute : Attribute;

    /// <summary>Marks the parameter that triggers a function. Every function has exactly one.</summary>
    [AttributeUsage(AttributeTargets.Parameter)]
    public abstract class TriggerBindingAttribute : BindingAttribute;

    /// <summary>Marks a parameter that is read from somewhere before the function runs.</summary>
    [AttributeUsage(AttributeTargets.Parameter)]
    public abstract class InputBindingAttribute : BindingAttribute;
}
