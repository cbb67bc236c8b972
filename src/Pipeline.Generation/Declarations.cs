using System.Reflection;
using System.Runtime.CompilerServices;
using Pipeline.Consumers;
using Pipeline.Contracts;
using Pipeline.State;

namespace Pipeline.Generation;

/// <summary>What an application declares in code: its messages at their records, its consumers in static properties.</summary>
internal sealed class Declarations
{
    private const BindingFlags Static = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private Declarations(
        IReadOnlyList<DeclaredMessage> messages,
        IReadOnlyDictionary<Type, string> upcasters,
        IReadOnlyDictionary<Type, string> downcasters,
        IReadOnlyList<DeclaredConsumer> consumers,
        IReadOnlyList<DeclaredState> states)
    {
        Messages = messages;
        Upcasters = upcasters;
        Downcasters = downcasters;
        Consumers = consumers;
        States = states;
    }

    /// <summary>Gets the messages, by type.</summary>
    public IReadOnlyList<DeclaredMessage> Messages { get; }

    /// <summary>Gets the methods that make the next version, by the record that they take.</summary>
    public IReadOnlyDictionary<Type, string> Upcasters { get; }

    /// <summary>Gets the methods that make the version before, by the record that they take.</summary>
    public IReadOnlyDictionary<Type, string> Downcasters { get; }

    /// <summary>Gets the consumers, by name.</summary>
    public IReadOnlyList<DeclaredConsumer> Consumers { get; }

    /// <summary>Gets how the states of the consumers are stored, by service and property.</summary>
    public IReadOnlyList<DeclaredState> States { get; }

    /// <summary>Reads the declarations of the two assemblies.</summary>
    /// <exception cref="GenerationException">A declaration cannot be used; the message says what to change.</exception>
    public static Declarations Of(Assembly contracts, Assembly services)
    {
        var consumers = ConsumersOf(services);
        return new Declarations(
            MessagesOf(contracts),
            ConvertersOf<UpcasterAttribute>(contracts),
            ConvertersOf<DowncasterAttribute>(contracts),
            consumers,
            StatesOf(services, consumers));
    }

    private static List<DeclaredMessage> MessagesOf(Assembly assembly)
    {
        var messages = assembly.GetTypes()
            .Select(t => (Record: t, Message: t.GetCustomAttribute<MessageAttribute>()))
            .Where(m => m.Message is not null)
            .Select(m => new DeclaredMessage(m.Record, m.Message!))
            .OrderBy(m => m.Message.Type, StringComparer.Ordinal)
            .ToList();
        if (messages.FirstOrDefault(m => Contract.TypeError(m.Message.Type) is not null) is { } wrong)
            throw new GenerationException($"{CodeText.Plain(CodeText.NameOf(wrong.Record))}: {Contract.TypeError(wrong.Message.Type)}");
        ThrowIfTwice(messages, m => m.Message.Type, m => CodeText.NameOf(m.Record), "declare the message type");
        ThrowIfTwice(messages, m => m.Record.Name, m => CodeText.NameOf(m.Record), "have the name");
        return messages;
    }

    private static Dictionary<Type, string> ConvertersOf<TAttribute>(Assembly assembly)
        where TAttribute : Attribute
    {
        var methods = assembly.GetTypes().SelectMany(t => t.GetMethods(Static)).Where(m => m.IsDefined(typeof(TAttribute))).ToList();
        foreach (var method in methods)
        {
            if (method.IsPrivate || method.GetParameters() is not [{ ParameterType.IsClass: true }] || !method.ReturnType.IsClass)
            {
                throw new GenerationException(
                    $"'{CodeText.Plain(CodeText.NameOf(method))}' is to convert one record into another: make it public or internal, with one parameter.");
            }
        }

        ThrowIfTwice(methods, m => CodeText.Plain(CodeText.NameOf(m.GetParameters()[0].ParameterType)), CodeText.NameOf, "convert");
        return methods.ToDictionary(m => m.GetParameters()[0].ParameterType, CodeText.NameOf);
    }

    private static List<DeclaredConsumer> ConsumersOf(Assembly assembly)
    {
        var consumers = PropertiesOf(assembly, typeof(Consumer))
            .Select(p => new DeclaredConsumer(CodeText.NameOf(p), (Consumer?)p.GetValue(null)
                ?? throw new GenerationException($"'{CodeText.Plain(CodeText.NameOf(p))}' is to hold a consumer, but holds null.")))
            .OrderBy(c => c.Consumer.Name, StringComparer.Ordinal)
            .ToList();
        ThrowIfHidden(assembly.GetTypes(), consumers);
        ThrowIfTwice(consumers, c => c.Consumer.Name, c => c.Property, "define the consumer");
        ThrowIfTwice(consumers, c => CodeText.FunctionNameOf(c.Consumer.Name), c => c.Property, "would have the function");
        return consumers;
    }

    /// <summary>A consumer that generated code cannot name would get no messages, and nothing would say so.</summary>
    /// <param name="all">The types of the services.</param>
    /// <param name="consumers">The consumers that generated code can name.</param>
    /// <exception cref="GenerationException">There is one.</exception>
    internal static void ThrowIfHidden(IEnumerable<Type> all, IReadOnlyList<DeclaredConsumer> consumers)
    {
        var types = all.Where(t => !t.ContainsGenericParameters).ToList();
        var members = types.SelectMany(t => t.GetProperties(Static)).Where(p => p.GetMethod is not null && typeof(Consumer).IsAssignableFrom(p.PropertyType) && !IsUsable(p))
            .Select(p => (Member: (MemberInfo)p, Value: p.GetValue(null)))
            .Concat(types.SelectMany(t => t.GetFields(Static)).Where(f => typeof(Consumer).IsAssignableFrom(f.FieldType) && !f.IsDefined(typeof(CompilerGeneratedAttribute)))
                .Select(f => (Member: (MemberInfo)f, Value: f.GetValue(null))));
        foreach (var (member, value) in members)
        {
            // What a usable property returns as well is not lost.
            if (value is Consumer hidden && consumers.All(c => c.Consumer.Name != hidden.Name))
            {
                throw new GenerationException(
                    $"'{CodeText.Plain(CodeText.NameOf(member))}' holds the consumer '{hidden.Name}', but {(member is FieldInfo ? "is a field" : "is not public")}: "
                    + "make it a public static property, in a class that is not private.");
            }
        }
    }

    private static List<DeclaredState> StatesOf(Assembly assembly, IReadOnlyList<DeclaredConsumer> consumers)
    {
        var services = consumers.ToLookup(c => c.Consumer.GetType().GenericTypeArguments[0], c => c.Consumer.Service);
        return
        [
            .. PropertiesOf(assembly, typeof(StateModel<>))
                .Select(p => (Property: p, State: StateOf(p.PropertyType)!))
                .SelectMany(
                    p => services[p.State].Distinct(StringComparer.Ordinal),
                    (p, service) => new DeclaredState(CodeText.NameOf(p.Property), p.State, service))
                .OrderBy(s => s.Service, StringComparer.Ordinal).ThenBy(s => s.Property, StringComparer.Ordinal),
        ];
    }

    private static IEnumerable<PropertyInfo> PropertiesOf(Assembly assembly, Type type) => assembly.GetTypes()
        .Where(t => !t.ContainsGenericParameters)
        .SelectMany(t => t.GetProperties(Static))
        .Where(IsUsable)
        .Where(p => type.IsGenericTypeDefinition ? StateOf(p.PropertyType) is not null : type.IsAssignableFrom(p.PropertyType));

    /// <summary>Whether generated code, which is in the same assembly, can read it.</summary>
    private static bool IsUsable(PropertyInfo property)
    {
        for (var type = property.DeclaringType; type is not null; type = type.DeclaringType)
        {
            if (type.IsNestedPrivate || type.IsNestedFamily || type.IsNestedFamANDAssem)
                return false;
        }

        return property.GetMethod is { IsPublic: true } or { IsAssembly: true } or { IsFamilyOrAssembly: true };
    }

    private static Type? StateOf(Type type)
    {
        for (var t = type; t is not null; t = t.BaseType)
        {
            if (t.IsGenericType && t.GetGenericTypeDefinition() == typeof(StateModel<>))
                return t.GenericTypeArguments[0];
        }

        return null;
    }

    private static void ThrowIfTwice<T>(IEnumerable<T> all, Func<T, string> key, Func<T, string> name, string what)
    {
        if (all.GroupBy(key, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Skip(1).Any()) is { } twice)
            throw new GenerationException($"{string.Join(" and ", twice.Select(t => CodeText.Plain(name(t))))} both {what} '{twice.Key}'; rename one of them.");
    }
}
