namespace Pipeline.Local.Hosting;

/// <summary>Runs a function for events that are posted to it.</summary>
internal sealed class EventGridFunctionTrigger : FunctionTrigger
{
    public override string Description => "Event Grid";
}
