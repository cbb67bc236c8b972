using Pipeline.Messages;
using Pipeline.Testing.Messages;

namespace Pipeline.Testing.Faults;

/// <summary>Puts the plan under the sender, and keeps what was sent.</summary>
internal sealed class FaultSender(IMessageSender inner, FaultPlan plan, SentMessages sent) : IMessageSender
{
    public Task SendAsync(string destination, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken) =>
        plan.RunAsync(
            "send " + destination,
            async () =>
            {
                await inner.SendAsync(destination, messages, cancellationToken);
                sent.Add(destination, messages);
                return true;
            });
}
