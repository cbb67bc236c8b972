using System.ComponentModel;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Failures;

namespace Pipeline.AzureFunctions.Configuration;

/// <summary>A section of settings that an options class is bound from.</summary>
internal abstract class OptionSection(string name)
{
    /// <summary>The section that all of them are in.</summary>
    public const string Root = "Pipeline";

    /// <summary>Gets its name, within <see cref="Root"/>.</summary>
    public string Name => name;

    /// <summary>Gets the settings.</summary>
    public abstract IReadOnlyList<OptionSetting> Settings { get; }

    /// <summary>Defines the section of an options class.</summary>
    public static OptionSection Of<TOptions>(string name, IReadOnlyList<OptionRule<TOptions>> rules)
        where TOptions : class, new() => new Typed<TOptions>(name, rules);

    /// <summary>Gets the name of a setting, as it is written in app settings.</summary>
    public string SettingOf(string key) => $"{Root}__{name}__{key.Replace(":", "__", StringComparison.Ordinal)}";

    /// <summary>Gets the errors: names that are no options, values that cannot be read, and values out of their range.</summary>
    public IReadOnlyList<string> Check(IConfiguration configuration, IServiceProvider services)
    {
        var section = configuration.GetSection($"{Root}:{name}");
        var written = section.AsEnumerable(makePathsRelative: true).Where(s => s.Value is not null).ToList();
        var unknown = written.Where(s => Find(s.Key) is null)
            .Select(s => $"'{SettingOf(s.Key)}' is no option; the options there are {string.Join(", ", Settings.Select(o => SettingOf(o.Key)))}.");
        var unreadable = written.Where(s => Find(s.Key) is { } option && !IsReadable(option.Key, s.Value!)).Select(s => Wrong(Find(s.Key)!, s.Value)).ToList();

        // Options with a value that cannot be read cannot be made.
        return [.. unknown, .. unreadable.Count > 0 ? unreadable : RangeErrors(services)];
    }

    /// <summary>Tells whether a text can be the value of an option.</summary>
    protected abstract bool IsReadable(string key, string text);

    /// <summary>Gets an error for each option whose value is out of its range.</summary>
    protected abstract IReadOnlyList<string> RangeErrors(IServiceProvider services);

    private OptionSetting? Find(string key) => Settings.FirstOrDefault(o => o.Key.Equals(key, StringComparison.OrdinalIgnoreCase));

    private string Wrong(OptionSetting option, object? value) => string.Create(
        CultureInfo.InvariantCulture,
        $"'{SettingOf(option.Key)}' is '{value}'; it must be {option.Range}{(option.Default is TimeSpan ? ", written as hh:mm:ss or d.hh:mm:ss" : "")}. Default: {option.Default}.");

    private sealed class Typed<TOptions>(string name, IReadOnlyList<OptionRule<TOptions>> rules) : OptionSection(name)
        where TOptions : class, new()
    {
        public override IReadOnlyList<OptionSetting> Settings { get; } = [.. rules.Select(r => new OptionSetting(r.Name, r.Range, r.Value(new TOptions())))];

        protected override bool IsReadable(string key, string text)
        {
            object owner = new TOptions();
            PropertyInfo? property = null;
            foreach (var part in key.Split(':'))
            {
                owner = property?.GetValue(owner) ?? owner;
                property = owner.GetType().GetProperty(part)!;
            }

            // A number alone would be days.
            if (property!.PropertyType == typeof(TimeSpan) && !text.Contains(':', StringComparison.Ordinal))
                return false;
            try
            {
                property.SetValue(owner, TypeDescriptor.GetConverter(property.PropertyType).ConvertFromInvariantString(text));
                return true;
            }
            catch (Exception e) when (e is ArgumentException or FormatException or OverflowException or NotSupportedException or TargetInvocationException)
            {
                return false;
            }
        }

        protected override IReadOnlyList<string> RangeErrors(IServiceProvider services)
        {
            var options = services.GetRequiredService<TOptions>();
            return [.. rules.Where(r => !r.IsValid(options)).Select(r => Wrong(Find(r.Name)!, r.Value(options)))];
        }
    }
}
