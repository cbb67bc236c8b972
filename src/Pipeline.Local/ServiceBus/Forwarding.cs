namespace Pipeline.Local.ServiceBus;

/// <summary>Checks where a topology forwards to. Everything that is wrong is found at the start, not by the first message.</summary>
internal static class Forwarding
{
    /// <exception cref="InvalidDataException">A target is not there or is no target, a source has sessions, or there is a cycle.</exception>
    public static void Check(BrokerTopology topology)
    {
        var targets = new Dictionary<string, List<string>>(StringComparer.OrdinalIgnoreCase);
        foreach (var queue in topology.Queues)
            targets.Add(queue.Name, []);
        foreach (var topic in topology.Topics)
            targets.Add(topic.Name, [.. topic.Subscriptions.Select(s => $"{topic.Name}/{s.Name}")]);
        var destinations = targets.Keys.ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var queue in topology.Queues)
            targets[queue.Name] = Targets(queue.Name, queue, destinations);
        foreach (var topic in topology.Topics)
        {
            foreach (var subscription in topic.Subscriptions)
                targets.Add($"{topic.Name}/{subscription.Name}", Targets($"{topic.Name}/{subscription.Name}", subscription, destinations));
        }

        var finished = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in targets.Keys)
            Follow(name, targets, [], finished);
    }

    private static List<string> Targets(string name, ReceivableDefinition definition, HashSet<string> destinations)
    {
        if (definition is { ForwardTo: not null, RequiresSession: true })
        {
            throw new InvalidDataException(
                $"'{name}' has forwardTo, which Azure does not offer where sessions are required: set \"requiresSession\": false.");
        }

        var targets = new List<string>();
        foreach (var (setting, target) in new[]
                 {
                     ("forwardTo", definition.ForwardTo), ("forwardDeadLetteredMessagesTo", definition.ForwardDeadLetteredMessagesTo),
                 })
        {
            if (target is null)
                continue;
            if (!destinations.Contains(target))
                throw new InvalidDataException($"'{name}': {setting} is '{target}', which is no queue or topic of this topology.");
            targets.Add(target);
        }

        return targets;
    }

    private static void Follow(string name, Dictionary<string, List<string>> targets, List<string> path, HashSet<string> finished)
    {
        if (finished.Contains(name))
            return;
        var start = path.FindIndex(p => p.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (start >= 0)
            throw new InvalidDataException($"Messages would be forwarded in a cycle: {string.Join(" -> ", path[start..])} -> {name}.");
        path.Add(name);
        foreach (var target in targets[name])
            Follow(target, targets, path, finished);
        path.RemoveAt(path.Count - 1);
        finished.Add(name);
    }
}
