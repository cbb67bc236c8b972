using System.Text.Json;

namespace Pipeline.Local.EventGrid;

/// <summary>Tells which events a subscription takes. Made once for a subscription, asked once for every event.</summary>
internal sealed class EventFilter
{
    private const int MaxFilters = 25;

    private readonly HashSet<string>? _types;
    private readonly string? _subjectBegins;
    private readonly string? _subjectEnds;
    private readonly AdvancedFilter[] _advanced;

    private EventFilter(HashSet<string>? types, string? subjectBegins, string? subjectEnds, AdvancedFilter[] advanced)
    {
        _types = types;
        _subjectBegins = subjectBegins;
        _subjectEnds = subjectEnds;
        _advanced = advanced;
    }

    /// <exception cref="InvalidDataException">A filter is not offered or beyond its limits; the message says which.</exception>
    public static EventFilter Create(string subscription, SubscriptionSettings settings)
    {
        if (settings.AdvancedFilters.Count > MaxFilters)
            throw new InvalidDataException($"'{subscription}' has {settings.AdvancedFilters.Count} advanced filters; at most {MaxFilters} are allowed.");
        return new EventFilter(
            settings.Types is null ? null : new HashSet<string>(settings.Types, StringComparer.Ordinal),
            string.IsNullOrEmpty(settings.SubjectBeginsWith) ? null : settings.SubjectBeginsWith,
            string.IsNullOrEmpty(settings.SubjectEndsWith) ? null : settings.SubjectEndsWith,
            [.. settings.AdvancedFilters.Select(filter => AdvancedFilter.Create(subscription, filter))]);
    }

    /// <param name="type">The event's type.</param>
    /// <param name="subject">Its subject, empty if it has none.</param>
    /// <param name="cloudEvent">The event, an object.</param>
    public bool Matches(string type, string subject, JsonElement cloudEvent)
    {
        if (_types is not null && !_types.Contains(type))
            return false;

        // Azure compares subjects without regard to case unless the subscription asks for it.
        if (_subjectBegins is not null && !subject.StartsWith(_subjectBegins, StringComparison.OrdinalIgnoreCase))
            return false;
        if (_subjectEnds is not null && !subject.EndsWith(_subjectEnds, StringComparison.OrdinalIgnoreCase))
            return false;
        foreach (var filter in _advanced)
        {
            if (!filter.Matches(cloudEvent))
                return false;
        }

        return true;
    }
}
