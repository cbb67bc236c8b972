using Azure.Messaging.ServiceBus;
using Pipeline.Local.ServiceBus;

namespace Pipeline.Testing.ServiceBus;

/// <summary>Failures of the broker as the official client has them.</summary>
internal static class OfficialErrors
{
    public static async Task<T> Official<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (BrokerException error)
        {
            // As the official client sees them.
            var isTransient = error.Reason is BrokerFailure.GeneralError or BrokerFailure.ServiceBusy or BrokerFailure.ServiceTimeout or BrokerFailure.ServiceCommunicationProblem;
            throw new ServiceBusException(
                isTransient, error.Problem, error.EntityPath, Enum.Parse<ServiceBusFailureReason>(error.Reason.ToString()), error.InnerException ?? error);
        }
    }

    public static Task<bool> Official(Action call) => Official(() =>
    {
        call();
        return Task.FromResult(true);
    });
}
