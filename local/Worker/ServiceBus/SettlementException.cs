using Azure.Messaging.ServiceBus;
using Pipeline.Local.ServiceBus;

namespace Pipeline.Local.Worker;

/// <summary>
/// A settlement that the broker refused, above all for a lost lock. In Azure it is the host that settles, at the other
/// end of a gRPC channel, and its refusal reaches the function as <c>Grpc.Core.RpcException</c>. That type comes with
/// the official packages only, so code for both builds must not catch this by type; deriving from
/// <see cref="ServiceBusException"/> would make code pass here that fails there.
/// </summary>
public sealed class SettlementException : Exception
{
    internal SettlementException(BrokerException cause)
        : base($"The host could not settle the message ({cause.Reason}). {cause.Message}", cause)
    {
    }

    internal SettlementException(string problem)
        : base(problem)
    {
    }

    internal static async Task WrapAsync(Func<Task> settlement)
    {
        try
        {
            await settlement();
        }
        catch (BrokerException error)
        {
            throw new SettlementException(error);
        }
    }
}
