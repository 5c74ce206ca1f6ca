/** The facilities the caller may choose from; used wherever one is picked. */
import { graphql } from '@/gql';

export const FACILITY_CHOICES = graphql(`
  query FacilityChoices {
    facilities {
      id
      name
      code
    }
  }
`);
