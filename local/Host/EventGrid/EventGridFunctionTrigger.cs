
namespace Pipeline.Local.Hosting;

/// <summary>Runs a function for events that are posted to it.</summary>
internal sealed class EventGridFunctionTrigger(RawBinding binding) : FunctionTrigger
{
    public override string Description => "Event Grid";

    public bool IsBatched => binding.IsBatched;
}
